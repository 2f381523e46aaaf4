// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {ITreasury} from "../../../contracts/treasury/ITreasury.sol";
import {GovernanceBase} from "../support/GovernanceBase.t.sol";

contract Coin is ERC20("Coin", "COIN") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @dev Issues shares without the virtual ones that defend OpenZeppelin's vault: its price can be inflated.
contract NaiveVault is ERC4626 {
    constructor(IERC20 coin) ERC20("Naive", "NAIVE") ERC4626(coin) {}

    function _convertToShares(uint256 assets, Math.Rounding) internal view override returns (uint256) {
        uint256 supply = totalSupply();
        return supply == 0 ? assets : (assets * supply) / totalAssets();
    }
}

/// @dev Says that it minted, and takes a part of what it was allowed to take.
contract LyingVault is ERC20("Lying", "LYING") {
    address public immutable asset;

    constructor(address coin) {
        asset = coin;
    }

    function deposit(uint256 assets, address) external returns (uint256) {
        IERC20(asset).transferFrom(msg.sender, address(this), assets / 2);
        return assets;
    }

    function redeem(uint256, address, address) external pure returns (uint256) {
        return type(uint256).max;
    }
}

/// @dev Takes half of what it may take, and gives shares for that half.
contract ModestVault is ERC20("Modest", "MODEST") {
    address public immutable asset;

    constructor(address coin) {
        asset = coin;
    }

    function deposit(uint256 assets, address receiver) external returns (uint256) {
        IERC20(asset).transferFrom(msg.sender, address(this), assets / 2);
        _mint(receiver, assets / 2);
        return assets / 2;
    }
}

/// @dev Takes ether.
contract Purse {
    receive() external payable {}
}

/// @title What the treasury pays, invests and refuses.
contract TreasuryTest is GovernanceBase {
    Coin private coin;
    NaiveVault private vault;

    function setUp() public override {
        super.setUp();
        coin = new Coin();
        vault = new NaiveVault(coin);
        coin.mint(address(treasury), 1_000e18);
    }

    modifier asGovernance() {
        vm.startPrank(address(timelock));
        _;
    }

    function test_EverythingIsRestricted() public {
        bytes[] memory calls = new bytes[](5);
        calls[0] = abi.encodeCall(ITreasury.spend, (address(coin), alice, 1));
        calls[1] = abi.encodeCall(ITreasury.spendEther, (payable(alice), 1));
        calls[2] = abi.encodeCall(ITreasury.execute, (address(coin), 0, ""));
        calls[3] = abi.encodeCall(ITreasury.invest, (address(vault), 1, 1));
        calls[4] = abi.encodeCall(ITreasury.divest, (address(vault), 1, 1));
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(alice);
            (bool done, bytes memory reason) = address(treasury).call(calls[i]);
            assertTrue(!done, "refused");
            assertEq(bytes32(bytes4(reason)), bytes32(IAccessManaged.AccessManagedUnauthorized.selector), "reason");
        }
    }

    function test_InitializesOnce() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        treasury.initialize(alice, address(coin));
        assertEq(treasury.votesToken(), address(token), "token");
        assertEq(token.delegates(address(treasury)), EXCLUDED_VOTES, "delegatee");
    }

    function test_Spends() public asGovernance {
        vm.expectEmit(address(treasury));
        emit ITreasury.Spent(address(coin), alice, 7);
        treasury.spend(address(coin), alice, 7);
        assertEq(coin.balanceOf(alice), 7, "paid");
        vm.deal(address(treasury), 3 ether);
        vm.expectEmit(address(treasury));
        emit ITreasury.EtherSpent(bob, 2 ether);
        treasury.spendEther(payable(bob), 2 ether);
        assertEq(bob.balance, 2 ether, "ether");
    }

    function test_TakesEther() public {
        vm.deal(alice, 1 ether);
        vm.expectEmit(address(treasury));
        emit ITreasury.EtherReceived(alice, 1 ether);
        vm.prank(alice);
        (bool done, ) = address(treasury).call{value: 1 ether}("");
        assertTrue(done, "taken");
        assertEq(address(treasury).balance, 1 ether, "kept");
    }

    function test_ExecutesAnything() public asGovernance {
        bytes memory data = abi.encodeCall(IERC20.approve, (alice, 9));
        vm.expectEmit(address(treasury));
        emit ITreasury.Executed(address(coin), 0, data);
        bytes memory result = treasury.execute(address(coin), 0, data);
        assertTrue(abi.decode(result, (bool)), "its answer");
        assertEq(coin.allowance(address(treasury), alice), 9, "done");
    }

    function test_ExecuteRevertsAsItsTarget() public asGovernance {
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientBalance.selector,
                address(treasury),
                1_000e18,
                type(uint256).max
            )
        );
        treasury.execute(address(coin), 0, abi.encodeCall(IERC20.transfer, (alice, type(uint256).max)));
    }

    function test_ExecuteSendsEther() public asGovernance {
        vm.deal(address(treasury), 3 ether);
        treasury.execute(payable(address(new Purse())), 2 ether, "");
        assertEq(address(treasury).balance, 1 ether, "sent");
    }

    function test_VotesStay() public asGovernance {
        bytes memory toAlice = abi.encodeCall(token.delegate, (alice));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryVotesDelegated.selector, alice));
        treasury.execute(address(token), 0, toAlice);
        bytes memory toNobody = abi.encodeCall(token.delegate, (address(0)));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryVotesDelegated.selector, address(0)));
        treasury.execute(address(token), 0, toNobody);
    }

    function test_InvestsAndDivests() public asGovernance {
        vm.expectRevert(
            abi.encodeWithSelector(ITreasury.TreasuryBelowMinimum.selector, address(vault), 100e18, 100e18 + 1)
        );
        treasury.invest(address(vault), 100e18, 100e18 + 1);
        vm.expectEmit(address(treasury));
        emit ITreasury.Invested(address(vault), 100e18, 100e18);
        assertEq(treasury.invest(address(vault), 100e18, 100e18), 100e18, "shares");
        assertEq(coin.allowance(address(treasury), address(vault)), 0, "no allowance left");
        coin.mint(address(vault), 50e18);
        vm.expectRevert(
            abi.encodeWithSelector(ITreasury.TreasuryBelowMinimum.selector, address(vault), 150e18 - 1, 150e18)
        );
        treasury.divest(address(vault), 100e18, 150e18);
        vm.expectEmit(address(treasury));
        emit ITreasury.Divested(address(vault), 100e18, 150e18 - 1);
        assertEq(treasury.divest(address(vault), 100e18, 150e18 - 1), 150e18 - 1, "with the yield, rounded down");
        assertEq(coin.balanceOf(address(treasury)), 1_050e18 - 1, "back");
    }

    /// @dev What it held of the vault before is not what it got.
    function test_a_further_investment_yields_its_own_shares_only() public asGovernance {
        treasury.invest(address(vault), 100e18, 100e18);
        vm.expectRevert(
            abi.encodeWithSelector(ITreasury.TreasuryBelowMinimum.selector, address(vault), 50e18, 50e18 + 1)
        );
        treasury.invest(address(vault), 50e18, 50e18 + 1);
        vm.expectEmit(address(treasury));
        emit ITreasury.Invested(address(vault), 50e18, 50e18);
        assertEq(treasury.invest(address(vault), 50e18, 50e18), 50e18, "shares");
        assertEq(vault.balanceOf(address(treasury)), 150e18, "together");
    }

    function test_MinimaAreMandatory() public asGovernance {
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryNoMinimum.selector, address(vault)));
        treasury.invest(address(vault), 1, 0);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryNoMinimum.selector, address(vault)));
        treasury.divest(address(vault), 1, 0);
    }

    /// @dev One share for one unit, then a gift that makes it worth more than the deposit: which then buys nothing.
    function test_InflatedVaultIsRefused() public {
        coin.mint(alice, 201e18);
        vm.startPrank(alice);
        coin.approve(address(vault), 1);
        vault.deposit(1, alice);
        coin.transfer(address(vault), 200e18);
        vm.stopPrank();
        assertEq(vault.convertToShares(100e18), 0, "100 coins would buy no share");
        vm.startPrank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryBelowMinimum.selector, address(vault), 0, 99e18));
        treasury.invest(address(vault), 100e18, 99e18);
    }

    function test_LyingVaultIsNotBelieved() public {
        LyingVault liar = new LyingVault(address(coin));
        vm.startPrank(address(timelock));
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryBelowMinimum.selector, address(liar), 0, 1));
        treasury.invest(address(liar), 100e18, 1);
        vm.expectRevert(abi.encodeWithSelector(ITreasury.TreasuryBelowMinimum.selector, address(liar), 0, 1));
        treasury.divest(address(liar), 100e18, 1);
        assertEq(coin.balanceOf(address(treasury)), 1_000e18, "nothing lost");
    }

    function test_AnUnusedAllowanceIsTakenBack() public asGovernance {
        ModestVault modest = new ModestVault(address(coin));
        assertEq(treasury.invest(address(modest), 100, 50), 50, "shares");
        assertEq(coin.allowance(address(treasury), address(modest)), 0, "no allowance left");
    }

    function testFuzz_InvestKeepsItsMinimum(uint256 assets, uint256 gift, uint256 minimum) public {
        assets = bound(assets, 1, 1_000e18);
        gift = bound(gift, 0, 1_000e18);
        minimum = bound(minimum, 1, 1_000e18);
        coin.mint(alice, 1e18 + gift);
        vm.startPrank(alice);
        coin.approve(address(vault), 1e18);
        vault.deposit(1e18, alice);
        coin.transfer(address(vault), gift);
        vm.stopPrank();
        uint256 fair = vault.previewDeposit(assets);
        vm.startPrank(address(timelock));
        if (fair < minimum) vm.expectRevert();
        uint256 shares = treasury.invest(address(vault), assets, minimum);
        if (fair >= minimum) assertTrue(shares == fair, "the fair price");
    }
}
