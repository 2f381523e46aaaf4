// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Whatever anyone does to pool, bounties, locks and referrals, in any order: no token is lost or made, and each
// contract holds what it owes.

import {EXCLUDED_VOTES} from "../../../contracts/governance/ExcludedVotes.sol";
import {Bounties} from "../../../contracts/funding/Bounties.sol";
import {IBounties} from "../../../contracts/funding/IBounties.sol";
import {ReferralProgram} from "../../../contracts/rewards/ReferralProgram.sol";
import {IReferralProgram} from "../../../contracts/rewards/IReferralProgram.sol";
import {RewardPool} from "../../../contracts/rewards/RewardPool.sol";
import {VehicleLocks} from "../../../contracts/rewards/VehicleLocks.sol";
import {DimoToken} from "../../../contracts/token/DimoToken.sol";
import {Vm} from "../support/RegistryBase.t.sol";
import {RewardsBase} from "../support/RewardsBase.t.sol";

/// @dev Poster, guardian, voters, drivers and funders in one; each function is one thing that may happen.
contract RewardsHandler {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    bytes32 private constant CAR = "acme/ev-1";
    bytes32 private constant WORK = "contentHash";

    DimoToken private immutable DIMO;
    RewardPool private immutable POOL;
    Bounties private immutable BOUNTIES;
    VehicleLocks private immutable LOCKS;
    ReferralProgram private immutable REFERRALS;
    address[3] public devices;
    address[3] public drivers;
    /// Epochs that were posted, and of each a driver's reward, a platform's share, and which driver it is.
    uint256[] public posted;
    mapping(uint256 epoch => uint256[3]) private amounts;
    uint256 public paidReferrals;

    constructor(
        DimoToken dimo,
        RewardPool pool,
        Bounties bounties,
        VehicleLocks locks,
        ReferralProgram referrals,
        address[3] memory devices_,
        address[3] memory drivers_
    ) {
        (DIMO, POOL, BOUNTIES, LOCKS, REFERRALS) = (dimo, pool, bounties, locks, referrals);
        (devices, drivers) = (devices_, drivers_);
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(drivers_[i]);
            dimo.approve(address(locks), type(uint256).max);
        }
        dimo.approve(address(bounties), type(uint256).max);
        bounties.commit(bounties.commitmentOf(CAR, WORK, address(this), ""));
        vm.roll(block.number + 1);
        bounties.reveal(CAR, WORK, address(this), "");
    }

    function post(uint256 driver, uint256 reward, uint256 bounty, uint256 short) external {
        // The week that ended last, or else the one that runs, at its end.
        uint256 epoch = POOL.currentEpoch();
        if (epoch != 0 && POOL.epochOf(epoch - 1).root == 0) --epoch;
        if (block.timestamp < POOL.endOf(epoch)) vm.warp(POOL.endOf(epoch));
        (reward, bounty) = (1 + (reward % 200_000e18), 1 + (bounty % 50_000e18));
        amounts[epoch] = [reward, bounty, driver % 3];
        // Every fourth root is wrong: its leaves sum to more than its total.
        uint256 total = reward + bounty - (short % 4 == 0 ? short % (reward + bounty) : 0);
        (bytes32 left, bytes32 right) = _leaves(epoch);
        bytes32 root = keccak256(left < right ? bytes.concat(left, right) : bytes.concat(right, left));
        try POOL.postRoot(epoch, root, uint96(total), "inputs") {
            posted.push(epoch);
        } catch {}
    }

    function veto(uint256 epoch) external {
        try POOL.veto(_epoch(epoch), "") {} catch {}
    }

    function claim(uint256 epoch) external {
        epoch = _epoch(epoch);
        (, bytes32 right) = _leaves(epoch);
        uint256[3] memory leaf = amounts[epoch];
        try POOL.claim(epoch, 0, drivers[leaf[2]], leaf[0], _proof(right)) {} catch {}
    }

    function claimForBounty(uint256 epoch) external {
        epoch = _epoch(epoch);
        (bytes32 left, ) = _leaves(epoch);
        try POOL.claimForBounty(epoch, 1, CAR, amounts[epoch][1], _proof(left)) {} catch {}
    }

    function sweep(uint256 epoch) external {
        try POOL.sweep(_epoch(epoch)) {} catch {}
    }

    function fund(uint256 amount) external {
        BOUNTIES.fund(CAR, uint128(1 + (amount % 1_000e18)));
    }

    function award(uint256 amountMin) external {
        try BOUNTIES.award(CAR, WORK, address(this), amountMin % 2_000e18) {} catch {}
    }

    function refund(uint256 round, bool pools) external {
        round = 1 + (round % (BOUNTIES.roundCount(CAR) + 1));
        try BOUNTIES.refund(CAR, round, pools ? address(POOL) : address(this)) {} catch {}
    }

    function lock(uint256 which, uint8 level) external {
        vm.prank(drivers[which % 3]);
        try LOCKS.lock(devices[which % 3], 1 + (level % 3)) {} catch {}
    }

    function raise(uint256 which, uint8 level) external {
        vm.prank(drivers[which % 3]);
        try LOCKS.raise(devices[which % 3], 1 + (level % 3)) {} catch {}
    }

    function withdraw(uint256 which) external {
        try LOCKS.withdraw(devices[which % 3], drivers[which % 3]) {} catch {}
    }

    function accept(uint256 which) external {
        vm.prank(drivers[which % 3]);
        try REFERRALS.accept(devices[which % 3], drivers[(which + 1) % 3]) {} catch {}
    }

    function payReferral(uint256 which, uint256 epoch) external {
        epoch = _epoch(epoch);
        (, bytes32 right) = _leaves(epoch);
        address referred = devices[which % 3];
        try REFERRALS.pay(referred, epoch, 0, amounts[epoch][0], _proof(right)) {
            IReferralProgram.Terms memory terms = REFERRALS.termsOf(REFERRALS.referralOf(referred).termsVersion);
            paidReferrals += uint256(terms.referrerAmount) + terms.refereeAmount;
        } catch {}
    }

    function setReferralTerms(uint96 referrerAmount, uint96 refereeAmount) external {
        (referrerAmount, refereeAmount) = (1 + (referrerAmount % 200e18), 1 + (refereeAmount % 200e18));
        REFERRALS.setTerms(IReferralProgram.Terms(referrerAmount, refereeAmount, 2_500_000e18));
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + (time % 2 == 0 ? 2 days : time % 20 weeks));
    }

    function postedCount() external view returns (uint256) {
        return posted.length;
    }

    function _epoch(uint256 seed) private view returns (uint256) {
        return posted.length == 0 ? 0 : posted[seed % posted.length];
    }

    function _leaves(uint256 epoch) private view returns (bytes32, bytes32) {
        uint256[3] memory leaf = amounts[epoch];
        return (POOL.leafOf(epoch, 0, drivers[leaf[2]], leaf[0]), POOL.bountyLeafOf(epoch, 1, CAR, leaf[1]));
    }

    function _proof(bytes32 sibling) private pure returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = sibling;
    }
}

contract RewardsInvariants is RewardsBase {
    RewardsHandler private handler;

    function setUp() public override {
        super.setUp();
        address[3] memory drivers = [ALICE, BOB, OWNER];
        address[3] memory devices;
        for (uint256 i = 0; i < 3; ++i) {
            devices[i] = _enrolFor(0xD01 + i, drivers[i]);
            dimo.transfer(drivers[i], 5_000e18);
        }
        dimo.transfer(address(referrals), 250e18);
        handler = new RewardsHandler(dimo, pool, bounties, locks, referrals, devices, drivers);
        dimo.transfer(address(handler), 1_000_000e18);
        manager.grantRole(0, address(handler), 0);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Otherwise the invariants might hold because nothing ever happens.
    function test_the_handler_gets_everywhere() public {
        handler.accept(0);
        handler.lock(0, 0);
        handler.lock(1, 1);
        handler.raise(0, 1);
        handler.post(0, 1_000e18 - 1, 100e18 - 1, 1);
        _eq("posted", handler.postedCount(), 1);
        _eq("reserved", pool.reserved(), 1_100e18);
        handler.veto(0);
        _eq("vetoed", pool.reserved(), 0);
        handler.post(0, 1_000e18 - 1, 100e18 - 1, 1);
        handler.pass(0);
        handler.claim(0);
        handler.claimForBounty(0);
        _eq("claimed", pool.reserved(), 0);
        _eq("in the bounty", bounties.contributionOf(CAR, 1, address(pool)), 100e18);
        handler.payReferral(0, 0);
        _eq("referral paid", handler.paidReferrals(), 100e18);
        handler.fund(1e18 - 1);
        handler.post(1, 1_000e18, 1e18, 1);
        handler.pass(20 weeks - 1);
        handler.pass(20 weeks - 1);
        handler.sweep(2);
        _eq("swept", dimo.balanceOf(TREASURY) > 1_000e18, true);
        handler.pass(20 weeks - 1);
        handler.refund(0, true);
        _eq("back in the pool", bounties.contributionOf(CAR, 1, address(pool)), 0);
        handler.fund(1e18 - 1);
        handler.award(0);
        _eq("awarded", bounties.roundOf(CAR, 2).awarded, true);
        handler.withdraw(1);
        _eq("withdrawn", locks.lockOf(handler.devices(1), BOB).amount, 0);
    }

    function invariant_the_pool_reserves_what_remains_and_holds_it() public view {
        uint256 sum = 0;
        for (uint256 epoch = 0; epoch <= pool.currentEpoch(); ++epoch) sum += pool.epochOf(epoch).remaining;
        _eq("reserved", pool.reserved(), sum);
        _eq("covered", dimo.balanceOf(address(pool)) >= sum, true);
    }

    function invariant_bounties_hold_the_sum_of_their_rounds() public view {
        uint256 sum = 0;
        for (uint256 number = 1; number <= bounties.roundCount(CAR); ++number) {
            IBounties.Round memory round = bounties.roundOf(CAR, number);
            uint256 contributions =
                bounties.contributionOf(CAR, number, address(pool)) +
                    bounties.contributionOf(CAR, number, address(handler));
            _eq("contributions", contributions, round.total);
            if (!round.awarded) sum += round.total;
        }
        _eq("held", dimo.balanceOf(address(bounties)), sum);
    }

    function invariant_locks_hold_what_they_owe_and_it_does_not_vote() public view {
        uint256 sum = 0;
        for (uint256 i = 0; i < 3; ++i) sum += locks.lockOf(handler.devices(i), handler.drivers(i)).amount;
        _eq("total", locks.totalLocked(), sum);
        _eq("held", dimo.balanceOf(address(locks)), sum);
        _eq("left out", dimo.getVotes(EXCLUDED_VOTES), sum);
    }

    function invariant_referrals_pay_what_was_agreed_and_no_more() public view {
        _eq("paid", referrals.paidTotal(), handler.paidReferrals());
        _eq("left", dimo.balanceOf(address(referrals)), 250e18 - handler.paidReferrals());
    }

    function invariant_no_token_is_lost_or_made() public view {
        address[10] memory all = [
            address(this),
            address(handler),
            address(pool),
            address(bounties),
            address(locks),
            address(referrals),
            TREASURY,
            ALICE,
            BOB,
            OWNER
        ];
        uint256 sum = 0;
        for (uint256 i = 0; i < all.length; ++i) sum += dimo.balanceOf(all[i]);
        _eq("all of them", sum, dimo.totalSupply());
    }
}
