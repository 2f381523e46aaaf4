// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Attacks on rewards, bounties and referrals: each works on a naive contract first, then fails on ours.

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IBounties} from "../../../contracts/funding/IBounties.sol";
import {IReferralProgram} from "../../../contracts/rewards/IReferralProgram.sol";
import {IRewardPool} from "../../../contracts/rewards/IRewardPool.sol";
import {IVehicleLocks} from "../../../contracts/rewards/IVehicleLocks.sol";
import {RewardsBase} from "../support/RewardsBase.t.sol";

/// @dev A distributor as many are written: leaves of (receiver, amount), hashed once; one purse for all weeks.
contract NaivePool {
    IERC20 private immutable TOKEN;
    mapping(uint256 epoch => bytes32) private roots;
    mapping(uint256 epoch => mapping(bytes32 leaf => bool)) private claimed;
    mapping(bytes32 platform => uint256) public bounties;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function postRoot(uint256 epoch, bytes32 root) external {
        roots[epoch] = root;
    }

    function claim(uint256 epoch, address account, uint256 amount, bytes32[] calldata proof) external {
        _check(epoch, keccak256(abi.encode(account, amount)), proof);
        TOKEN.transfer(account, amount);
    }

    function claimForBounty(uint256 epoch, bytes32 platform, uint256 amount, bytes32[] calldata proof) external {
        _check(epoch, keccak256(abi.encode(platform, amount)), proof);
        bounties[platform] += amount;
    }

    function _check(uint256 epoch, bytes32 leaf, bytes32[] calldata proof) private {
        require(!claimed[epoch][leaf] && MerkleProof.verifyCalldata(proof, roots[epoch], leaf), "refused");
        claimed[epoch][leaf] = true;
    }
}

/// @dev A contest whose commitments name no author, and where who shows a work first is its author.
contract NaiveContest {
    mapping(bytes32 commitment => address) public senders;
    mapping(bytes32 contentHash => address) public authors;

    function commit(bytes32 commitment) external {
        senders[commitment] = msg.sender;
    }

    function reveal(bytes32 contentHash, bytes32 salt) external {
        require(senders[keccak256(abi.encode(contentHash, salt))] == msg.sender, "not committed");
        if (authors[contentHash] == address(0)) authors[contentHash] = msg.sender;
    }
}

/// @dev Referrals that believe who sends.
contract NaiveReferrals {
    IERC20 private immutable TOKEN;

    constructor(IERC20 token) {
        TOKEN = token;
    }

    function refer(address, address referrer) external {
        TOKEN.transfer(msg.sender, 50e18);
        TOKEN.transfer(referrer, 50e18);
    }
}

contract RewardsAttacks is RewardsBase {
    bytes32 private constant WORK = "contentHash";
    bytes32 private constant SALT = "salt";
    address private constant AUTHOR = address(0xA0);
    NaivePool private naive;

    function setUp() public override {
        super.setUp();
        naive = new NaivePool(IERC20(address(dimo)));
        dimo.transfer(address(naive), 2_000_000e18);
        vm.warp(MONDAY + 1 weeks);
        vm.roll(100);
    }

    function test_attack_wrong_reward_root_that_pays_more_than_the_week() public {
        uint256 all = 2_000_000e18;
        naive.postRoot(0, keccak256(abi.encode(STRANGER, all)));
        naive.claim(0, STRANGER, all, new bytes32[](0));
        _eq("naive: all of it", dimo.balanceOf(STRANGER), all);

        bytes32 root = pool.leafOf(0, 0, STRANGER, all);
        uint256 emission = 1_105_000e18;
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.RootInvalid.selector, 0, root, all, emission));
        pool.postRoot(0, root, uint96(all), INPUTS);
        pool.postRoot(0, root, uint96(emission), INPUTS);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.EpochExhausted.selector, 0, all, emission));
        pool.claim(0, 0, STRANGER, all, new bytes32[](0));
        _eq("nothing more", dimo.balanceOf(STRANGER), all);
    }

    function test_attack_wrong_reward_root_eats_the_rewards_of_another_week() public {
        naive.postRoot(0, keccak256(abi.encode(ALICE, 10e18)));
        naive.postRoot(1, keccak256(abi.encode(STRANGER, 2_000_000e18)));
        naive.claim(1, STRANGER, 2_000_000e18, new bytes32[](0));
        vm.expectRevert();
        naive.claim(0, ALICE, 10e18, new bytes32[](0));

        (bytes32[] memory proof, bytes32[] memory bobProof) = _post(0, 10e18, 20e18, 30e18);
        vm.warp(pool.endOf(1));
        bytes32 greedy = pool.leafOf(1, 1, STRANGER, 25e18);
        (bytes32[] memory first, bytes32[] memory second) = _postPair(
            1,
            pool.leafOf(1, 0, STRANGER, 20e18),
            greedy,
            40e18
        );
        vm.warp(block.timestamp + 48 hours);
        pool.claim(1, 0, STRANGER, 20e18, first);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.EpochExhausted.selector, 1, 25e18, 20e18));
        pool.claim(1, 1, STRANGER, 25e18, second);
        pool.claim(0, 0, ALICE, 10e18, proof);
        pool.claim(0, 1, BOB, 20e18, bobProof);
        _eq("the good week is whole", dimo.balanceOf(ALICE) + dimo.balanceOf(BOB), 30e18);
    }

    function test_attack_wrong_reward_root_is_vetoed_before_anyone_is_paid() public {
        naive.postRoot(0, keccak256(abi.encode(STRANGER, 1e18)));
        naive.claim(0, STRANGER, 1e18, new bytes32[](0));
        _eq("naive: paid at once", dimo.balanceOf(STRANGER), 1e18);

        pool.postRoot(0, pool.leafOf(0, 0, STRANGER, 1e18), 1e18, INPUTS);
        vm.warp(block.timestamp + 48 hours - 1);
        uint256 opens = block.timestamp + 1;
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.NotClaimable.selector, 0, opens, opens + 26 weeks));
        pool.claim(0, 0, STRANGER, 1e18, new bytes32[](0));
        pool.veto(0, "row 7 altered");
        vm.warp(opens);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.RootNotPosted.selector, 0));
        pool.claim(0, 0, STRANGER, 1e18, new bytes32[](0));
    }

    function test_attack_double_index() public {
        bytes32 twin = keccak256(abi.encode(STRANGER, 11e18));
        naive.postRoot(0, Hashes.commutativeKeccak256(keccak256(abi.encode(STRANGER, 10e18)), twin));
        naive.claim(0, STRANGER, 10e18, _proof(twin));
        naive.claim(0, STRANGER, 11e18, _proof(keccak256(abi.encode(STRANGER, 10e18))));
        _eq("naive: paid twice", dimo.balanceOf(STRANGER), 21e18);

        bytes32 leaf = pool.leafOf(0, 0, STRANGER, 11e18);
        (bytes32[] memory first, bytes32[] memory second) = _postPair(
            0,
            pool.leafOf(0, 0, STRANGER, 10e18),
            leaf,
            21e18
        );
        vm.warp(block.timestamp + 48 hours);
        pool.claim(0, 0, STRANGER, 10e18, first);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.AlreadyClaimed.selector, 0, 0));
        pool.claim(0, 0, STRANGER, 11e18, second);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.AlreadyClaimed.selector, 0, 0));
        pool.claim(0, 0, STRANGER, 10e18, first);
    }

    function test_attack_reward_leaf_replayed_in_another_week_pool_or_chain() public {
        bytes32 naiveRoot = keccak256(abi.encode(ALICE, 10e18));
        NaivePool elsewhere = new NaivePool(IERC20(address(dimo)));
        dimo.transfer(address(elsewhere), 10e18);
        naive.postRoot(0, naiveRoot);
        naive.postRoot(1, naiveRoot);
        elsewhere.postRoot(0, naiveRoot);
        naive.claim(0, ALICE, 10e18, new bytes32[](0));
        naive.claim(1, ALICE, 10e18, new bytes32[](0));
        elsewhere.claim(0, ALICE, 10e18, new bytes32[](0));
        _eq("naive: three times", dimo.balanceOf(ALICE), 30e18);

        (bytes32[] memory proof, ) = _post(0, 10e18, 20e18, 30e18);
        bytes32 root = pool.epochOf(0).root;
        vm.warp(pool.endOf(1));
        pool.postRoot(1, root, 30e18, INPUTS);
        vm.warp(block.timestamp + 48 hours);
        bytes memory refusal = abi.encodeWithSelector(IRewardPool.ProofInvalid.selector, 1, 0, ALICE, 10e18);
        vm.expectRevert(refusal);
        pool.claim(1, 0, ALICE, 10e18, proof);
        bytes32 otherPools = keccak256(
            bytes.concat(keccak256(abi.encode(block.chainid, address(elsewhere), 2, 0, ALICE, 10e18)))
        );
        vm.warp(pool.endOf(2));
        pool.postRoot(2, otherPools, 10e18, INPUTS);
        vm.warp(block.timestamp + 48 hours);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.ProofInvalid.selector, 2, 0, ALICE, 10e18));
        pool.claim(2, 0, ALICE, 10e18, new bytes32[](0));
        vm.chainId(block.chainid + 1);
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.ProofInvalid.selector, 0, 0, ALICE, 10e18));
        pool.claim(0, 0, ALICE, 10e18, proof);
        vm.chainId(block.chainid - 1);
        pool.claim(0, 0, ALICE, 10e18, proof);
    }

    /// A node is the hash of 64 bytes; where a leaf is that too, a node's children pass for its fields.
    function test_attack_second_preimage_a_node_as_a_leaf() public {
        bytes32 left = keccak256(abi.encode(bytes32("a"), 1));
        bytes32 right = keccak256(abi.encode(bytes32("b"), 1));
        if (left > right) (left, right) = (right, left);
        naive.postRoot(0, Hashes.commutativeKeccak256(left, right));
        naive.claimForBounty(0, left, uint256(right), new bytes32[](0));
        _eq("naive: astronomical", naive.bounties(left), uint256(right));

        (left, right) = (pool.bountyLeafOf(0, 0, CAR, 1), pool.bountyLeafOf(0, 1, CAR, 1));
        if (left > right) (left, right) = (right, left);
        _postPair(0, left, right, 2);
        vm.warp(block.timestamp + 48 hours);
        bytes4 refused = IRewardPool.BountyProofInvalid.selector;
        vm.expectRevert(abi.encodeWithSelector(refused, 0, 0, left, uint256(right)));
        pool.claimForBounty(0, 0, left, uint256(right), new bytes32[](0));
        address account = address(uint160(uint256(left)));
        vm.expectRevert(abi.encodeWithSelector(IRewardPool.ProofInvalid.selector, 0, 0, account, uint256(right)));
        pool.claim(0, 0, account, uint256(right), new bytes32[](0));
    }

    /// Years in which nobody posted are not a treasure for a poster gone bad.
    function test_attack_posting_the_weeks_of_years_long_past() public {
        vm.warp(pool.endOf(59));
        for (uint256 epoch = 0; epoch < 60; ++epoch) {
            bytes32 root = pool.leafOf(epoch, 0, STRANGER, 1);
            naive.postRoot(epoch, root);
            if (epoch < 52) {
                uint256 until = pool.endOf(epoch) + 8 weeks;
                vm.expectRevert(abi.encodeWithSelector(IRewardPool.PostingOver.selector, epoch, until));
            }
            pool.postRoot(epoch, root, 1, INPUTS);
        }
        _eq("eight at most", pool.reserved(), 8);
    }

    function test_attack_a_vote_that_rewrites_past_emissions() public {
        IRewardPool.Parameters memory generous = pool.parameters();
        uint256 before = pool.emissionOf(0);
        generous.weeklyInitial = 2_000_000e18;
        pool.setParameters(generous);
        bytes memory refusal = abi.encodeWithSelector(
            IRewardPool.RootInvalid.selector,
            0,
            bytes32("root"),
            before + 1,
            before
        );
        vm.expectRevert(refusal);
        pool.postRoot(0, "root", uint96(before + 1), INPUTS);
        _eq("the week in progress too", pool.emissionOf(pool.currentEpoch()), before);
    }

    function test_attack_bounty_sniping_a_copied_reveal() public {
        NaiveContest contest = new NaiveContest();
        vm.prank(AUTHOR);
        contest.commit(keccak256(abi.encode(WORK, SALT)));
        // The thief reads the reveal before it is mined, and has both of his mined first.
        vm.startPrank(STRANGER);
        contest.commit(keccak256(abi.encode(WORK, bytes32("mine"))));
        contest.reveal(WORK, "mine");
        vm.stopPrank();
        vm.prank(AUTHOR);
        contest.reveal(WORK, SALT);
        _eq("naive: stolen", contest.authors(WORK), STRANGER);

        bounties.commit(bounties.commitmentOf(CAR, WORK, AUTHOR, SALT));
        vm.roll(200);
        bytes32 late = bounties.commitmentOf(CAR, WORK, STRANGER, "mine");
        bounties.commit(late);
        vm.expectRevert(abi.encodeWithSelector(IBounties.CommitmentTooRecent.selector, late, 200));
        bounties.reveal(CAR, WORK, STRANGER, "mine");
        vm.roll(201);
        bounties.reveal(CAR, WORK, STRANGER, "mine");
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        _eq("the earlier commitment holds", bounties.workOf(CAR, WORK).author, AUTHOR);
        _eq("its block too", bounties.workOf(CAR, WORK).blockNumber, 100);
    }

    function test_attack_bounty_sniping_a_copied_commitment() public {
        NaiveContest contest = new NaiveContest();
        bytes32 commitment = keccak256(abi.encode(WORK, SALT));
        vm.prank(AUTHOR);
        contest.commit(commitment);
        vm.prank(STRANGER);
        contest.commit(commitment);
        vm.prank(STRANGER);
        contest.reveal(WORK, SALT);
        _eq("naive: stolen", contest.authors(WORK), STRANGER);

        commitment = bounties.commitmentOf(CAR, WORK, AUTHOR, SALT);
        vm.prank(STRANGER);
        bounties.commit(commitment);
        vm.prank(AUTHOR);
        vm.expectRevert(abi.encodeWithSelector(IBounties.CommitmentKnown.selector, commitment));
        bounties.commit(commitment);
        vm.roll(101);
        bytes32 thiefs = bounties.commitmentOf(CAR, WORK, STRANGER, SALT);
        vm.expectRevert(abi.encodeWithSelector(IBounties.CommitmentUnknown.selector, thiefs));
        bounties.reveal(CAR, WORK, STRANGER, SALT);
        vm.prank(STRANGER);
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        _eq("it served its author", bounties.workOf(CAR, WORK).author, AUTHOR);
    }

    function test_attack_bounty_sniping_a_late_commitment_and_a_second_reveal() public {
        bounties.commit(bounties.commitmentOf(CAR, WORK, AUTHOR, SALT));
        // In the author's own block, too: of two in one block, who reveals first holds.
        bounties.commit(bounties.commitmentOf(CAR, WORK, STRANGER, SALT));
        vm.roll(101);
        bounties.reveal(CAR, WORK, AUTHOR, SALT);
        bounties.commit(bounties.commitmentOf(CAR, WORK, STRANGER, "late"));
        vm.roll(102);
        bytes memory refusal = abi.encodeWithSelector(IBounties.WorkAlreadyRevealed.selector, CAR, WORK, AUTHOR);
        bytes32[2] memory salts = [SALT, bytes32("late")];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(refusal);
            bounties.reveal(CAR, WORK, STRANGER, salts[i]);
        }
        _eq("author", bounties.workOf(CAR, WORK).author, AUTHOR);
    }

    function test_attack_referral_of_oneself() public {
        _fundReferrals();
        _enrolFor(DEVICE_KEY, ALICE);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IReferralProgram.ReferrerInvalid.selector, ALICE));
        referrals.accept(device, ALICE);
    }

    function test_attack_referral_twice_per_device() public {
        _fundReferrals();
        _enrolFor(DEVICE_KEY, ALICE);
        vm.prank(ALICE);
        referrals.accept(device, BOB);
        _handOver(device, ALICE, OWNER);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IReferralProgram.DeviceReferred.selector, device, ALICE));
        referrals.accept(device, BOB);
    }

    function test_attack_referral_paid_before_the_first_reward() public {
        _fundReferrals();
        _enrolFor(DEVICE_KEY, ALICE);
        (bytes32[] memory early, ) = _post(0, 7e18, 1, 7e18 + 1);
        vm.prank(ALICE);
        referrals.accept(device, BOB);
        vm.warp(block.timestamp + 48 hours);
        uint256 endsAt = pool.endOf(0);
        uint256 acceptedAt = referrals.referralOf(device).acceptedAt;
        vm.expectRevert(abi.encodeWithSelector(IReferralProgram.EpochTooEarly.selector, 0, endsAt, acceptedAt));
        referrals.pay(device, 0, 0, 7e18, early);
        vm.expectRevert(abi.encodeWithSelector(IReferralProgram.RewardNotProven.selector, 1, 0, ALICE, 7e18));
        referrals.pay(device, 1, 0, 7e18, early);
    }

    /// One car that drives would pay for every silent device on the shelf.
    function test_attack_referral_of_a_shelf_of_silent_devices() public {
        _fundReferrals();
        _enrolFor(DEVICE_KEY, ALICE);
        address silent = _enrolFor(0xD02, ALICE);
        vm.prank(ALICE);
        referrals.accept(device, BOB);
        vm.prank(ALICE);
        vm.expectRevert(abi.encodeWithSelector(IReferralProgram.RefereeKnown.selector, ALICE, device));
        referrals.accept(silent, BOB);
        _handOver(silent, ALICE, OWNER);
        vm.prank(OWNER);
        referrals.accept(silent, BOB);
        (bytes32[] memory proof, ) = _post(1, 7e18, 1, 7e18 + 1);
        vm.warp(block.timestamp + 48 hours);
        referrals.pay(device, 1, 0, 7e18, proof);
        vm.expectRevert(abi.encodeWithSelector(IReferralProgram.RewardNotProven.selector, 1, 0, OWNER, 7e18));
        referrals.pay(silent, 1, 0, 7e18, proof);
        _eq("one payment", referrals.paidTotal(), 100e18);
    }

    /// Tokens that are locked for one vehicle don't raise a second one's points at the moment that is judged.
    function test_attack_one_lock_for_two_vehicles() public {
        _enrolFor(DEVICE_KEY, ALICE);
        address second = _enrolFor(0xD02, ALICE);
        dimo.transfer(ALICE, 500e18);
        uint256 endsAt = pool.endOf(pool.currentEpoch());
        vm.startPrank(ALICE);
        dimo.approve(address(locks), 500e18);
        locks.lock(device, 1);
        vm.warp(endsAt - 1);
        locks.move(device, second);
        uint256 unlocksAt = locks.lockOf(second, ALICE).endsAt;
        vm.expectRevert(abi.encodeWithSelector(IVehicleLocks.LockNotEnded.selector, second, ALICE, unlocksAt));
        locks.withdraw(second, ALICE);
        vm.stopPrank();
        vm.warp(endsAt);
        uint48 judged = uint48(endsAt - 1);
        _eq("one level", locks.lockLevelOf(device, ALICE, judged) + locks.lockLevelOf(second, ALICE, judged), 1);
    }

    /// @dev And shows what a program that asks nothing would pay to one person who stands on both sides.
    function _fundReferrals() private {
        dimo.transfer(address(referrals), 1_000e18);
        NaiveReferrals believing = new NaiveReferrals(IERC20(address(dimo)));
        dimo.transfer(address(believing), 200e18);
        uint256 before = dimo.balanceOf(STRANGER);
        vm.startPrank(STRANGER);
        believing.refer(device, STRANGER);
        believing.refer(device, STRANGER);
        vm.stopPrank();
        _eq("naive: for oneself, twice, with no reward", dimo.balanceOf(STRANGER) - before, 200e18);
    }
}
