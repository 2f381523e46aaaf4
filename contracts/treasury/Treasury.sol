// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Governed} from "../common/Governed.sol";
import {EXCLUDED_VOTES} from "../governance/ExcludedVotes.sol";
import {ITreasury} from "./ITreasury.sol";

/// @title See {ITreasury}.
contract Treasury is ITreasury, Governed {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:dimo.storage.Treasury
    struct TreasuryStorage {
        address votesToken;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.Treasury")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant TREASURY_STORAGE = 0xbd1373bd484126eb88f9ebfc9af0557ccb65fb4bb57cdd2b3c9b6e0942504100;

    /// @notice Ether may come from anywhere.
    receive() external payable {
        emit EtherReceived(msg.sender, msg.value);
    }

    /// @inheritdoc ITreasury
    function initialize(address authority, address token) external override initializer {
        __Governed_init(authority);
        _storage().votesToken = token;
        IVotes(token).delegate(EXCLUDED_VOTES);
    }

    /// @inheritdoc ITreasury
    function spend(address token, address to, uint256 amount) external override restricted {
        IERC20(token).safeTransfer(to, amount);
        emit Spent(token, to, amount);
    }

    /// @inheritdoc ITreasury
    function spendEther(address payable to, uint256 amount) external override restricted {
        Address.sendValue(to, amount);
        emit EtherSpent(to, amount);
    }

    /// @inheritdoc ITreasury
    function execute(
        address target,
        uint256 value,
        bytes calldata data
    ) external override restricted returns (bytes memory result) {
        result = Address.functionCallWithValue(target, data, value);
        address delegatee = IVotes(_storage().votesToken).delegates(address(this));
        if (delegatee != EXCLUDED_VOTES) revert TreasuryVotesDelegated(delegatee);
        emit Executed(target, value, data);
    }

    /// @inheritdoc ITreasury
    function invest(
        address vault,
        uint256 assets,
        uint256 minShares
    ) external override restricted returns (uint256 shares) {
        if (minShares == 0) revert TreasuryNoMinimum(vault);
        IERC20 asset = IERC20(IERC4626(vault).asset());
        uint256 sharesBefore = IERC20(vault).balanceOf(address(this));

        asset.forceApprove(vault, assets);
        IERC4626(vault).deposit(assets, address(this));
        asset.forceApprove(vault, 0);

        shares = IERC20(vault).balanceOf(address(this)) - sharesBefore;
        if (shares < minShares) revert TreasuryBelowMinimum(vault, shares, minShares);
        emit Invested(vault, assets, shares);
    }

    /// @inheritdoc ITreasury
    function divest(
        address vault,
        uint256 shares,
        uint256 minAssets
    ) external override restricted returns (uint256 assets) {
        if (minAssets == 0) revert TreasuryNoMinimum(vault);
        IERC20 asset = IERC20(IERC4626(vault).asset());
        uint256 assetsBefore = asset.balanceOf(address(this));

        IERC4626(vault).redeem(shares, address(this), address(this));

        assets = asset.balanceOf(address(this)) - assetsBefore;
        if (assets < minAssets) revert TreasuryBelowMinimum(vault, assets, minAssets);
        emit Divested(vault, shares, assets);
    }

    /// @inheritdoc ITreasury
    function votesToken() external view override returns (address) {
        return _storage().votesToken;
    }

    function _storage() private pure returns (TreasuryStorage storage $) {
        assembly {
            $.slot := TREASURY_STORAGE
        }
    }
}
